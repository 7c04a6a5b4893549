import * as fs from 'node:fs';
import * as path from 'node:path';
import { pathToFileURL } from 'node:url';
import { TerraformDataSource, TerraformResource } from 'cdktf';
import { describe, expect, it } from 'vitest';
import { listFiles } from '../../modules/core/index.ts';
import { camelCase, providerNames, providerSchema } from '../../modules/cloud/runtime/schema.ts';
import { emitProvider, importSchema } from '../../scripts/emit-providers.ts';

const folder = path.resolve(import.meta.dirname, '../../modules/cloud/providers');

describe('the provider classes', () => {
  it.each(providerNames)('of %s are what the emitter writes, byte for byte, and nothing else', (name) => {
    const files = emitProvider(providerSchema(name));
    expect(listFiles(path.join(folder, name))).toEqual([...files.keys()].sort());
    for (const [file, text] of files) expect(fs.readFileSync(path.join(folder, name, file), 'utf8'), file).toBe(text);
  });

  it('cover every resource of the schemas, in kilobytes', () => {
    const counts = providerNames.map((name) => Object.keys(providerSchema(name).resources).length);
    expect(counts).toEqual([33, 108]);
    const bytes = providerNames.flatMap((name) => [...emitProvider(providerSchema(name)).values()]).reduce((sum, text) => sum + text.length, 0);
    expect(bytes).toBeLessThan(400_000);
  });

  it('name no attribute like a member cdktf already has', () => {
    const members = (prototype: object): Set<string> => {
      const names = new Set<string>();
      for (let at: object | null = prototype; at && at !== Object.prototype; at = Object.getPrototypeOf(at) as object | null)
        Object.getOwnPropertyNames(at).forEach((name) => names.add(name));
      return names;
    };
    const own = { resources: members(TerraformResource.prototype), data: members(TerraformDataSource.prototype) };
    for (const name of providerNames) {
      for (const mode of ['resources', 'data'] as const) {
        for (const [type, block] of Object.entries(providerSchema(name)[mode])) {
          const clashes = Object.keys(block.attributes ?? {})
            .map(camelCase)
            .filter((attribute) => own[mode].has(attribute));
          expect(clashes, type).toEqual([]);
        }
      }
    }
  });

  it('load one by one, each with its type', async () => {
    for (const name of providerNames) {
      for (const [type] of Object.entries(providerSchema(name).resources)) {
        const file = path.join(folder, name, `${type.slice(name.length + 1).replaceAll('_', '-')}.ts`);
        const [loaded] = Object.values((await import(pathToFileURL(file).href)) as Record<string, { type: string }>);
        expect(loaded?.type).toBe(type);
      }
    }
  });
});

describe('importing a schema', () => {
  it('takes one provider and leaves texts for people out, but keeps attributes of that name', () => {
    const text = JSON.stringify({
      provider_schemas: {
        'example.test/acme/toy': {
          provider: {
            version: 0,
            block: { attributes: { url: { type: 'string', optional: true, description: 'where', description_kind: 'plain' } }, description_kind: 'plain' },
          },
          resource_schemas: { toy_car: { version: 1, block: { attributes: { description: { type: 'string', optional: true } }, description: 'a car' } } },
        },
      },
    });
    expect(importSchema(text, 'toy', '1.2.3')).toEqual({
      provider: 'toy',
      source: 'acme/toy',
      version: '1.2.3',
      configuration: { attributes: { url: { type: 'string', optional: true } } },
      resources: { toy_car: { attributes: { description: { type: 'string', optional: true } } } },
      data: {},
    });
    expect(() => importSchema(text, 'boat', '1')).toThrow(/no provider boat/u);
  });
});
