import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HclError, readHcl, staticBody, staticText } from '../../../modules/engine/source/hcl.ts';

describe('the structure of HCL', () => {
  it('is read with values that need no evaluation; the rest is kept as text', () => {
    const file = readHcl(`# comment { with brackets
terraform {
  backend "s3" { // one more
    bucket = "states"
    key    = "a/b.tfstate" /* and
    another { */
    use_lockfile = true
    endpoints = { s3 = "https://s3.example", "dynamo db" : 1.5e3 }
    assume_role {
      role_arn = "arn:\\"x\\"\\u00e9"
    }
  }
}
module "one" { source = "../modules/one" }
locals {
  list  = ["a", "b", 3, null, [true]]
  text  = <<-END
    not } a { block "
    END
  plain = <<END
line
END
  cond  = var.x == "y" ? { a = "}" } : merge({}, {
    b = "\${lookup(local.m, "k}", "{")}"
  })
  half  = "$\${not a template}"
  last  = -4
}
`);
    const [terraform, module, locals] = file.blocks;
    const backend = terraform?.body.blocks[0];
    expect([backend?.type, backend?.labels, backend?.line, backend?.column]).toEqual(['backend', ['s3'], 3, 3]);
    expect(backend && staticBody(backend.body)).toEqual({
      bucket: 'states',
      key: 'a/b.tfstate',
      use_lockfile: true,
      endpoints: { s3: 'https://s3.example', 'dynamo db': 1500 },
      assume_role: { role_arn: 'arn:"x"é' },
    });
    expect(staticText(module?.body.attributes.get('source'))).toBe('../modules/one');
    const values = Object.fromEntries([...(locals?.body.attributes ?? [])].map(([name, { value }]) => [name, value]));
    expect(values['list']).toEqual({ static: ['a', 'b', 3, null, [true]] });
    expect(values['plain']).toEqual({ static: 'line\n' });
    expect(values['half']).toEqual({ static: '${not a template}' });
    expect(values['last']).toEqual({ static: -4 });
    expect(Object.keys(values['text'] ?? {})).toEqual(['expression']);
    expect(values['cond']).toMatchObject({ expression: expect.stringContaining('merge({}, {') as string });
    expect(file.texts).toContain('../modules/one');
  });

  it.each([
    ['a {\n  b = "open\n}', 2, 7, 'a quoted text is not closed'],
    ['a {\n', 2, 1, 'a block is not closed'],
    ['}\n', 1, 1, 'there is a } too many'],
    ['a = [1,\n', 2, 1, 'a bracket is not closed'],
    ['x = <<E\nnever', 1, 5, 'a heredoc is not closed'],
    ['a "b" ? {', 1, 7, 'unexpected "?"'],
  ])('is refused with the place: %j', (text, line, column, message) => {
    let found: unknown;
    try {
      readHcl(text);
    } catch (error) {
      found = error;
    }
    expect(found).toBeInstanceOf(HclError);
    expect(found).toMatchObject({ line, column, message });
  });

  it('comes back from any values written by another hand', () => {
    const value = fc.letrec((tie) => ({
      any: fc.oneof(
        { depthSize: 'small' },
        fc.string(),
        fc.integer(),
        fc.boolean(),
        fc.constant(null),
        fc.array(tie('any')),
        fc.dictionary(fc.stringMatching(/^[a-z]\w{0,5}$/u), tie('any')),
      ),
    })).any;
    const write = (of: unknown): string =>
      typeof of === 'string'
        ? JSON.stringify(of).replaceAll(/\\.|[$%](?=\{)/gu, (one) => ({ '\\b': '\\u0008', '\\f': '\\u000c', $: '$$', '%': '%%' })[one] ?? one)
        : Array.isArray(of)
          ? `[${of.map(write).join(', ')}]`
          : typeof of === 'object' && of !== null
            ? `{\n${Object.entries(of)
                .map(([name, item]) => `${name} = ${write(item)}\n`)
                .join('')}}`
            : String(of);
    fc.assert(
      fc.property(value, (given) => {
        const read = readHcl(`b "x" {\n  v = ${write(given)}\n}\n`).blocks[0]?.body.attributes.get('v')?.value;
        expect(read).toEqual({ static: JSON.parse(JSON.stringify(given)) as unknown });
      }),
      { numRuns: 200 },
    );
  });

  it('never hangs or throws anything but its own error', () => {
    const piece = fc.constantFrom('a', '"', '{', '}', '[', ']', '(', ')', '=', '\n', '${', '<<E\n', 'E\n', '#', '/*', '*/', ',', '\\', ' ', '1', '<<-');
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        try {
          readHcl(pieces.join(''));
        } catch (error) {
          if (!(error instanceof HclError)) throw error;
        }
      }),
      { numRuns: 1500 },
    );
  });
});
