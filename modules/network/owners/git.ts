import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { fail, privateFolder, writeFileAtomic } from '../../core/index.ts';

/** What of a federation's folder its plans are read from. */
const readFrom = ['vcloud.yaml', 'network-plans', 'stacks'];

function git(root: string, args: readonly string[], input?: string): Buffer {
  try {
    // Nothing a user configured may change what is read, and nothing may ask or page.
    return execFileSync('git', ['--no-pager', '--literal-pathspecs', ...args], {
      cwd: root,
      input,
      maxBuffer: 1 << 30,
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...process.env, GIT_OPTIONAL_LOCKS: '0', GIT_TERMINAL_PROMPT: '0' },
    });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT')
      fail('NET-SINCE-GIT', 'git is not installed here', { hint: 'install git, or run this where it is' });
    throw error;
  }
}

/** The commit a name stands for. @throws ProblemError NET-SINCE-GIT, NET-SINCE-REF */
function commitOf(root: string, ref: string): string {
  try {
    return git(root, ['rev-parse', '--verify', '--quiet', '--end-of-options', `${ref}^{commit}`])
      .toString('utf8')
      .trim();
  } catch (error) {
    if (!('status' in (error as object))) throw error;
    const inside = gitFolder(root) !== undefined;
    fail(inside ? 'NET-SINCE-REF' : 'NET-SINCE-GIT', inside ? `git knows no commit "${ref}"` : 'this folder lies in no git repository', {
      hint: inside ? 'name a branch, a tag or a commit, such as origin/main' : 'run it in a checkout',
    });
  }
}

/** The top of the git checkout a folder lies in, and the folder relative to it (`''`, `examples/members/moh/`); undefined outside of one. */
export function gitFolder(root: string): { readonly top: string; readonly prefix: string } | undefined {
  try {
    const [top = '', prefix = ''] = git(root, ['rev-parse', '--show-toplevel', '--show-prefix']).toString('utf8').split('\n');
    return top === '' ? undefined : { top, prefix };
  } catch (error) {
    if ('status' in (error as object)) return undefined;
    throw error;
  }
}

/**
 * Runs `work` on a folder that holds the plans and declarations of this one as they were in a commit. Neither worktree nor index
 * are touched: the files come from git's objects and lie below `.vcloud/cache` for as long as the work lasts, so that programs
 * among them find the toolkit.
 * @throws ProblemError NET-SINCE-GIT, NET-SINCE-REF
 */
export async function atCommit<T>(root: string, ref: string, work: (folder: string) => Promise<T>): Promise<T> {
  const commit = commitOf(root, ref);
  const listed = git(root, ['ls-tree', '-r', '-z', commit, '--', ...readFrom])
    .toString('utf8')
    .split('\0');
  const files = listed.flatMap((line) => {
    const match = /^100(?:644|755) blob ([0-9a-f]+)\t(.+)$/su.exec(line);
    return match ? [{ id: match[1] ?? '', name: match[2] ?? '' }] : [];
  });
  const folder = fs.mkdtempSync(path.join(privateFolder(root, 'cache'), 'since-'));
  try {
    const contents = blobs(
      root,
      files.map(({ id }) => id),
    );
    files.forEach(({ name }, index) => {
      writeFileAtomic(path.join(folder, name), contents[index] ?? '', { durable: false });
    });
    return await work(folder);
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

/** Contents of objects, in one process of git. */
function blobs(root: string, ids: readonly string[]): Buffer[] {
  if (ids.length === 0) return [];
  const output = git(root, ['cat-file', '--batch'], `${ids.join('\n')}\n`);
  let at = 0;
  return ids.map(() => {
    const end = output.indexOf(0x0a, at);
    const size = Number(output.subarray(at, end).toString('utf8').split(' ')[2]);
    const content = output.subarray(end + 1, end + 1 + size);
    at = end + size + 2;
    return content;
  });
}
