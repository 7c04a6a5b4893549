import { spawn } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { expect, it, describe } from 'vitest';
import { isAlive, listFiles, withWriteLock, writeFileAtomic, writeTree } from '../../modules/core/index.ts';
import { folderWith } from '../helpers/folder.ts';

describe('writeFileAtomic', () => {
  it('writes, leaves equal bytes alone, and leaves no temporary file', () => {
    const folder = folderWith();
    const file = path.join(folder, 'a/b.txt');
    expect(writeFileAtomic(file, 'one')).toBe(true);
    const before = fs.statSync(file).mtimeMs;
    expect(writeFileAtomic(file, 'one')).toBe(false);
    expect(fs.statSync(file).mtimeMs).toBe(before);
    expect(writeFileAtomic(file, 'two', { mode: 0o600 })).toBe(true);
    expect(fs.readFileSync(file, 'utf8')).toBe('two');
    expect(fs.statSync(file).mode & 0o777).toBe(0o600);
    expect(listFiles(folder)).toEqual(['a/b.txt']);
    expect(fs.readdirSync(path.join(folder, 'a'))).toEqual(['b.txt']);
  });
  it('keeps the old file when writing fails', () => {
    const folder = folderWith({ 'x/keep.txt': 'old' });
    fs.mkdirSync(path.join(folder, 'x/taken'));
    expect(() => writeFileAtomic(path.join(folder, 'x/taken'), 'new')).toThrow();
    expect(fs.readFileSync(path.join(folder, 'x/keep.txt'), 'utf8')).toBe('old');
    expect(fs.readdirSync(path.join(folder, 'x')).sort()).toEqual(['keep.txt', 'taken']);
  });
});

describe('writeTree', () => {
  it('touches only what differs and removes what is no longer wanted', () => {
    const folder = folderWith({ 'same.txt': 's', 'old.txt': 'o', 'sub/change.txt': '1' });
    expect(
      writeTree(
        folder,
        new Map([
          ['same.txt', 's'],
          ['sub/change.txt', '2'],
          ['new.txt', 'n'],
        ]),
      ),
    ).toEqual({ added: ['new.txt'], changed: ['sub/change.txt'], removed: ['old.txt'] });
    expect(listFiles(folder)).toEqual(['new.txt', 'same.txt', 'sub/change.txt']);
  });
});

describe('withWriteLock', () => {
  it('refuses while another live process writes, and takes over from a dead one', async () => {
    const root = folderWith();
    const other = spawn('sleep', ['30']);
    try {
      const lock = path.join(root, '.vcloud/lock');
      fs.mkdirSync(path.dirname(lock), { recursive: true });
      const { hostname } = await import('node:os');
      fs.writeFileSync(lock, JSON.stringify({ pid: other.pid, host: hostname(), verb: 'apply' }));
      await expect(withWriteLock(root, 'plan', async () => 1)).rejects.toThrow(/CORE-LOCKED: another vcloud is writing here: "apply", process \d+/u);
      const ended = new Promise((resolve) => other.once('exit', resolve));
      other.kill('SIGKILL');
      await ended;
      expect(isAlive(other.pid ?? 0)).toBe(false);
      expect(await withWriteLock(root, 'plan', async () => 2)).toBe(2);
      expect(fs.existsSync(lock)).toBe(false);
    } finally {
      other.kill('SIGKILL');
    }
  });
  it('may be entered again by the same process and is freed after a failure', async () => {
    const root = folderWith();
    expect(await withWriteLock(root, 'a', () => withWriteLock(root, 'b', async () => 3))).toBe(3);
    await expect(withWriteLock(root, 'a', async () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await withWriteLock(root, 'a', async () => 4)).toBe(4);
  });
});
