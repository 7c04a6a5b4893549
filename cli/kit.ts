import * as path from 'node:path';
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { API_VERSION, canonicalJson, formatProblem, isDate, ProblemError, problem, type Problem, type Reporter } from '../modules/core/basics.ts';
import { terminalReporter } from './progress.ts';

/** Exit codes of every verb (CONTRACTS in ARCHITECTURE.md): 0 done or clean, 2 differences or findings, 1 error. */
export type ExitCode = 0 | 1 | 2;

/** What a verb hands back; the kit prints it and ends the process. */
export interface Outcome {
  readonly exit: ExitCode;
  /** The documented `data` value of `--json`. */
  readonly data: unknown;
  /** What people read, on stdout. */
  readonly text: string;
  /** Shown on stderr, and in `problems` of `--json`. */
  readonly problems?: readonly Problem[];
}

/** What every verb may use. */
export interface Context {
  /** Absolute path of the federation's folder (`-C`). */
  readonly root: string;
  /** The date validity is read at. */
  readonly asOf: string;
  readonly language: 'vi' | 'en';
  readonly json: boolean;
  /** Whether stdout may carry colour. */
  readonly color: boolean;
  readonly reporter: Reporter;
}

export interface ArgumentSpec {
  /** `<name>`, `[name]`, `[names...]`. */
  readonly syntax: string;
  readonly description: string;
}

export interface OptionSpec {
  /** `--allow-move [keys...]`. */
  readonly flags: string;
  readonly description: string;
  readonly choices?: readonly string[];
  readonly default?: string | boolean;
}

/** One verb of the command line, declared once; help, completion and the table of exit codes follow from it. */
export interface Verb {
  /** `net allocate`, `check`. */
  readonly name: string;
  readonly summary: string;
  readonly description?: string;
  readonly arguments?: readonly ArgumentSpec[];
  readonly options?: readonly OptionSpec[];
  /** Command lines as a user would type them, with what they do. */
  readonly examples: readonly { readonly line: string; readonly does: string }[];
  /** What each exit code means here. */
  readonly exits: { readonly 0: string; readonly 1: string; readonly 2?: string };
  run(context: Context, args: readonly string[], options: Readonly<Record<string, unknown>>): Promise<Outcome>;
}

/** Parses the command line, runs one verb and ends the process with its exit code. */
export async function runCli(verbs: readonly Verb[], argv: readonly string[], version: string): Promise<void> {
  leaveWhenNobodyReads();
  const wantsJson = argv.includes('--json');
  const program = buildProgram(verbs, version);
  try {
    await program.parseAsync(argv, { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.exitCode !== 0 && wantsJson) printJson({ exit: 1, data: null, text: '' }, [problem('CLI-USAGE', error.message.replace(/^error: /u, ''))]);
      process.exitCode = error.exitCode === 0 ? 0 : 1;
      return;
    }
    const problems = error instanceof ProblemError ? error.problems : [unexpected(error)];
    if (wantsJson) printJson({ exit: 1, data: null, text: '' }, problems);
    else printProblems(problems);
    process.exitCode = 1;
  }
}

/** `vcloud ... | head` closes the pipe early: that is no fault, and the exit code stays what the verb said. */
function leaveWhenNobodyReads(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
      process.exit();
    });
  }
}

/** The commander program of a set of verbs; also used to print completion and reference tables. */
export function buildProgram(verbs: readonly Verb[], version: string): Command {
  const program = new Command('vcloud')
    .description('Declare, plan, check and join the clouds of many organisations.')
    .version(version, '--version')
    // What stands behind a verb is that verb's, all the way down: `import` and `import project` both know --json.
    .enablePositionalOptions()
    .showHelpAfterError('(add --help for usage)')
    .showSuggestionAfterError()
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(text) });
  const areas = new Map<string, Command>();
  for (const verb of verbs) {
    const [area, name] = verb.name.includes(' ') ? verb.name.split(' ') : [undefined, verb.name];
    let parent = program;
    if (area !== undefined) {
      parent =
        areas.get(area) ??
        // A verb may have verbs of its own: `import`, `import project`.
        program.commands.find((command) => command.name() === area) ??
        program
          .command(area)
          .exitOverride()
          .description(areaSummaries[area] ?? '');
      areas.set(area, parent);
    }
    addVerb(parent, name ?? verb.name, verb);
  }
  return program;
}

const areaSummaries: Readonly<Record<string, string>> = {
  net: 'address plans: check, plan, allocate, find',
  dns: 'zones: render and check',
  vpn: 'overlays: render and verify',
  audit: 'rules against instruments with dates',
  inventory: 'one searchable inventory of all members',
  bundle: 'signed bundles between members and the centre',
  log: 'the trace of plans, approvals and applies',
  state: 'states of stacks',
  orphans: 'what a crash left in a cloud that no state holds',
};

function addVerb(parent: Command, name: string, verb: Verb): void {
  const command = parent
    .command(name)
    .summary(verb.summary)
    .description(verb.description ?? verb.summary)
    .exitOverride()
    .enablePositionalOptions()
    .allowExcessArguments(false);
  for (const argument of verb.arguments ?? []) command.argument(argument.syntax, argument.description);
  for (const spec of verb.options ?? []) {
    const option = new Option(spec.flags, spec.description);
    if (spec.choices) option.choices([...spec.choices]);
    if (spec.default !== undefined) option.default(spec.default);
    command.addOption(option);
  }
  command
    .option('-C, --chdir <folder>', 'folder of the federation', '.')
    .option('--json', 'print one JSON value on stdout and nothing else there')
    .addOption(new Option('--lang <language>', 'language of what people read').choices(['vi', 'en']))
    .option('--as-of <date>', 'read everything with validity as of this date (default: today)', dateOption);
  const exits = Object.entries(verb.exits).map(([code, meaning]) => `  ${code}  ${meaning}`);
  const examples = verb.examples.map(({ line, does }) => `  ${line}\n      ${does}`);
  command.addHelpText('after', `\nExit codes:\n${exits.join('\n')}\n\nExamples:\n${examples.join('\n')}`);
  command.action(async () => {
    const options = command.opts<Record<string, unknown>>();
    const json = options['json'] === true;
    const context: Context = {
      root: path.resolve(String(options['chdir'])),
      asOf: typeof options['asOf'] === 'string' ? options['asOf'] : new Date().toISOString().slice(0, 10),
      language: (options['lang'] as 'vi' | 'en' | undefined) ?? languageOfLocale(),
      json,
      color: !json && process.stdout.isTTY && process.env['NO_COLOR'] === undefined,
      reporter: terminalReporter({ quiet: json }),
    };
    const outcome = await verb.run(context, command.args, options);
    if (json) printJson(outcome, outcome.problems ?? []);
    else {
      if (outcome.text !== '') process.stdout.write(outcome.text.endsWith('\n') ? outcome.text : `${outcome.text}\n`);
      printProblems(outcome.problems ?? []);
    }
    process.exitCode = outcome.exit;
  });
}

function dateOption(text: string): string {
  if (!isDate(text)) throw new InvalidArgumentError('must be a date that exists, YYYY-MM-DD');
  return text;
}

function languageOfLocale(): 'vi' | 'en' {
  return /^vi/u.test(process.env['LC_ALL'] ?? process.env['LC_MESSAGES'] ?? process.env['LANG'] ?? '') ? 'vi' : 'en';
}

function printJson(outcome: Outcome, problems: readonly Problem[]): void {
  const ok = outcome.exit !== 1;
  process.stdout.write(`${canonicalJson({ format: API_VERSION, ok, problems, data: outcome.data ?? null }, 2)}\n`);
}

function printProblems(problems: readonly Problem[]): void {
  for (const found of problems) process.stderr.write(`${formatProblem(found)}\n`);
  const errors = problems.filter((found) => found.severity === 'error').length;
  if (errors > 1) process.stderr.write(`${errors} errors\n`);
}

function unexpected(error: unknown): Problem {
  const text = error instanceof Error ? (process.env['VCLOUD_DEBUG'] === undefined ? error.message : (error.stack ?? error.message)) : String(error);
  return problem('CORE-UNEXPECTED', text, { hint: 'this is a fault of the toolkit or of the machine; set VCLOUD_DEBUG=1 to see where it happened' });
}
