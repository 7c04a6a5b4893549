import * as path from 'node:path';
import { readTextIfPresent } from '../../core/index.ts';
import { parseEvent } from '../events.ts';

/**
 * The last lines of a stack's log as people read them, oldest first; a message of several lines counts as several.
 * @param log relative to the federation's folder
 */
export function lastLines(root: string, log: string, most = 12): string[] {
  const lines = (readTextIfPresent(path.join(root, log)) ?? '').split('\n').flatMap((line) => {
    if (line.trim() === '') return [];
    const event = parseEvent(line);
    if (event === undefined) return [line];
    if (typeof event['@message'] !== 'string' || String(event['type']).endsWith('_progress')) return [];
    const diagnostic = event['diagnostic'] as { detail?: unknown } | undefined;
    const detail = typeof diagnostic?.detail === 'string' && diagnostic.detail !== '' ? diagnostic.detail.split('\n') : [];
    return [...event['@message'].split('\n'), ...detail.map((text) => `  ${text}`)];
  });
  return lines.slice(-most);
}
