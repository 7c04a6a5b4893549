import * as path from 'node:path';
import { approve, type ApproveOptions, type ApproveResult } from './approval/index.ts';
import { apply, type ApplyOptions } from './apply.ts';
import type { EngineChoice } from './binary.ts';
import type { ServiceSettings } from './credentials/index.ts';
import { destroy, type DestroyOptions } from './destroy/index.ts';
import { drift, type DriftOptions, type DriftRun } from './drift/index.ts';
import { graphOf, type StackGraph } from './graph/index.ts';
import { dropImports, listImports, requestImports, type ImportRequest, type PendingImports } from './import/index.ts';
import type { Listening } from './messages/index.ts';
import { plan, type PlanOptions } from './plan.ts';
import type { PreflightSettings } from './preflight/index.ts';
import { readManifest } from './read-manifest.ts';
import { resume, type ResumeOptions, type ResumeRun } from './resume/index.ts';
import { reviewOf, type PlanFacts, type Review, type ReviewPage } from './review/index.ts';
import type { Selection } from './select/index.ts';
import { listStacks, showState, type ShownResource, type StateListing } from './store/listing.ts';
import { moveResource, type Moved } from './store/move.ts';
import type { ApplyRun, DeclaredStack, PlanRun } from './types.ts';

/** What all verbs of one federation share. */
export interface OrchestratorSettings extends ServiceSettings, PreflightSettings, Listening {
  /** Absolute path of the federation's folder. */
  readonly root: string;
  /** All that is declared, whatever a verb selects. */
  readonly stacks: readonly DeclaredStack[];
  readonly facts?: PlanFacts | undefined;
  readonly page?: ReviewPage | undefined;
  readonly binary?: EngineChoice | undefined;
  /** Stacks at work at once; by default as many as cores and memory bear. */
  readonly parallelism?: number | undefined;
  readonly init?: number | undefined;
  /** Seconds one call of the engine may take. */
  readonly timeout?: number | undefined;
  /** What the engine's processes need beyond a plain environment. */
  readonly environment?: Readonly<Record<string, string>> | undefined;
  /** After it nothing new is begun; what runs is waited for. */
  readonly signal?: AbortSignal | undefined;
}

type Own<Options> = Omit<Options, keyof OrchestratorSettings>;

/**
 * The engine for programs: one method per verb, options in, result out. It prints nothing; what happens is told by typed
 * messages ({@link Listening.onMessage}), what is wrong by a ProblemError with codes. Methods keep each other out of the
 * folder by its write lock, also across processes.
 */
export class Orchestrator {
  readonly settings: OrchestratorSettings;

  constructor(settings: OrchestratorSettings) {
    this.settings = settings;
  }

  /** @see plan */
  async plan(options: Own<PlanOptions> = {}): Promise<PlanRun> {
    return await plan({ ...this.settings, ...options });
  }

  /** The review of a plan directory, as it was written beside it. */
  async show({ directory }: { readonly directory: string }): Promise<Review> {
    const folder = path.resolve(this.settings.root, directory);
    return reviewOf(folder, readManifest(folder, directory));
  }

  /** @see approve */
  async approve(options: Own<ApproveOptions>): Promise<ApproveResult> {
    return await approve({ ...this.settings, ...options });
  }

  /** @see apply */
  async apply(options: Own<ApplyOptions>): Promise<ApplyRun> {
    return await apply({ ...this.settings, ...options });
  }

  /** @see resume */
  async resume(options: Own<ResumeOptions> = {}): Promise<ResumeRun> {
    return await resume({ ...this.settings, ...options });
  }

  /** @see drift */
  async drift(options: Own<DriftOptions> = {}): Promise<DriftRun> {
    return await drift({ ...this.settings, ...options });
  }

  /** @see requestImports */
  async import({ imports }: { readonly imports: readonly ImportRequest[] }): Promise<PendingImports[]> {
    return await requestImports({ ...this.settings, imports });
  }

  /** What the next plans take in. */
  async imports(): Promise<PendingImports[]> {
    return listImports(this.settings);
  }

  /** @see dropImports */
  async dropImports(options: { readonly stack: string; readonly address?: string | undefined }): Promise<PendingImports[]> {
    return await dropImports({ ...this.settings, ...options });
  }

  /** @see destroy */
  async destroy(options: Own<DestroyOptions>): Promise<PlanRun> {
    return await destroy({ ...this.settings, ...options });
  }

  /** @see moveResource */
  async move(options: { readonly from: string; readonly address: string; readonly to: string }): Promise<Moved> {
    return await moveResource(this.settings, options);
  }

  /** @see graphOf */
  async graph({ select }: { readonly select?: Selection | undefined } = {}): Promise<StackGraph> {
    return graphOf(this.settings.root, this.settings.stacks, select);
  }

  /** Every state, its version and who holds its lock. */
  async states(): Promise<StateListing[]> {
    return await listStacks(this.settings);
  }

  /** What one state holds, secrets masked; undefined where there is none. */
  async state({ stack }: { readonly stack: string }): Promise<ShownResource[] | undefined> {
    return await showState(this.settings, stack);
  }
}
