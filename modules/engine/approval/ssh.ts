import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { fail, problem, ProblemError } from '../../core/index.ts';

/** What SSH signatures of plans are made for: one made for anything else does not verify (PROTOCOL.sshsig of OpenSSH). */
export const sshNamespace = 'vcloud-plan';

/** `SHA256:...` of an OpenSSH public key line, as `ssh-keygen -l` prints it. */
export function sshFingerprint(publicKey: string): string {
  const [, blob = ''] = publicKey.trim().split(/\s+/u);
  return `SHA256:${createHash('sha256').update(Buffer.from(blob, 'base64')).digest('base64').replace(/=+$/u, '')}`;
}

/** Public keys the running ssh-agent holds, in its order. */
export async function agentKeys(): Promise<string[]> {
  const { code, stdout } = await run('ssh-add', ['-L'], Buffer.alloc(0));
  const keys = code === 0 ? stdout.split('\n').filter((line) => line.trim() !== '' && !line.includes('The agent has no identities')) : [];
  if (keys.length === 0) fail('ENGINE-KEY', 'no ssh-agent with a key can be reached', { hint: 'add one with "ssh-add", or give --key ssh:PATH or file:PATH' });
  return keys;
}

/** The public half of the key at `file`: the `.pub` beside a private key, or the file itself. */
export function sshPublicKey(file: string): string {
  for (const name of file.endsWith('.pub') ? [file] : [`${file}.pub`, file]) {
    try {
      const line = fs.readFileSync(name, 'utf8').trim();
      if (/^(?:ssh|ecdsa|sk)-/u.test(line)) return line;
    } catch {
      // The next name is tried.
    }
  }
  fail('ENGINE-KEY', 'no OpenSSH public key is found beside this key', { file, hint: 'write it with "ssh-keygen -y -f KEY > KEY.pub"' });
}

/**
 * Signs bytes with `ssh-keygen -Y sign`. `key` is the path of a private key, or of a public one whose private half an
 * agent or a hardware key holds: what asks for passphrase, PIN or touch is ssh-keygen. Returns the armoured signature.
 * @throws ProblemError ENGINE-KEY
 */
export async function sshSign(bytes: Uint8Array, key: string): Promise<string> {
  const { code, stdout, stderr } = await run('ssh-keygen', ['-Y', 'sign', '-n', sshNamespace, '-f', key], bytes, true);
  if (code !== 0 || !stdout.startsWith('-----BEGIN SSH SIGNATURE-----')) {
    throw new ProblemError(
      problem('ENGINE-KEY', `ssh-keygen could not sign: ${stderr.trim() || 'it gave no signature'}`, {
        file: key,
        hint: 'see that the key is there, or that the agent holds it',
      }),
    );
  }
  return stdout;
}

/**
 * Whether an armoured signature over these bytes is one of this public key; judged by `ssh-keygen -Y verify`.
 * @throws ProblemError ENGINE-KEY when there is no ssh-keygen that could judge
 */
export async function sshVerify(bytes: Uint8Array, signature: string, publicKey: string): Promise<boolean> {
  const folder = fs.mkdtempSync(path.join(tmpdir(), 'vcloud-verify-'));
  try {
    const [allowed, armoured] = [path.join(folder, 'allowed_signers'), path.join(folder, 'signature')];
    const [type = '', blob = ''] = publicKey.trim().split(/\s+/u);
    fs.writeFileSync(allowed, `approver namespaces="${sshNamespace}" ${type} ${blob}\n`);
    fs.writeFileSync(armoured, signature);
    const { code } = await run('ssh-keygen', ['-Y', 'verify', '-n', sshNamespace, '-I', 'approver', '-f', allowed, '-s', armoured], bytes);
    return code === 0;
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

async function run(program: string, args: readonly string[], input: Uint8Array, terminal = false): Promise<{ code: number; stdout: string; stderr: string }> {
  return await new Promise((resolve, reject) => {
    // A passphrase is asked for on the terminal itself, not on stdin.
    const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'] });
    const [out, err]: [Buffer[], Buffer[]] = [[], []];
    child.stdout.on('data', (data: Buffer) => out.push(data));
    child.stderr.on('data', (data: Buffer) => {
      err.push(data);
      if (terminal && process.stderr.isTTY) process.stderr.write(data);
    });
    child.on('error', () => reject(new ProblemError(problem('ENGINE-KEY', `${program} is not on this machine`, { hint: 'install the OpenSSH client' }))));
    child.on('close', (code) => resolve({ code: code ?? 1, stdout: Buffer.concat(out).toString('utf8'), stderr: Buffer.concat(err).toString('utf8') }));
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
  });
}
