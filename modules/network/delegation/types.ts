import type { Place } from '../../core/index.ts';
import type { Conditions, Detail, Proposal, ReceivedDelegation } from '../../federation/index.ts';
import type { Family } from '../types.ts';

/** A proposal and where the centre wrote it. */
export interface PlacedProposal extends Proposal {
  readonly place: Place;
}

/** One delegation as the centre declares it. */
export interface Delegation {
  readonly member: string;
  /** Absent: every key of the member's scope. */
  readonly keys?: readonly string[] | undefined;
  readonly domain?: string | undefined;
  readonly conditions: Conditions;
  readonly detail: Detail;
  readonly proposals: readonly PlacedProposal[];
  readonly place: Place;
  locate(field: 'keys' | 'domain', index?: number): Place;
}

/** What this member says to one of the centre's proposals. */
export interface Answer {
  readonly proposal: string;
  readonly answer: 'accepted' | 'refused';
  readonly reason?: string | undefined;
  readonly place: Place;
}

/** How full a delegated block is, as a member reports it: shares from 0 to 1. */
export interface UtilisationLine {
  readonly key: string;
  readonly family: Family;
  readonly prefix: string;
  /** Share given to keys directly in it. */
  readonly delegated: number;
  /** Share in networks of hosts. */
  readonly used: number;
  /** Length of the largest free block; null where nothing is free. */
  readonly largestFree: number | null;
}

/** A member's answer as its bundle carries it, with what it answers, so that a proposal put differently is not answered. */
export interface AnswerLine {
  readonly proposal: string;
  readonly kind: Proposal['kind'];
  readonly key: string;
  readonly family?: Family | undefined;
  readonly to?: number | undefined;
  readonly answer: 'accepted' | 'refused';
  readonly reason?: string | undefined;
  /** How many of its blocks still lie in what is to be given back. */
  readonly remaining: number;
}

/** What the centre knows of a member that holds blocks. */
export interface MemberReport {
  readonly member: string;
  /** Keys of its scope. */
  readonly keys: readonly string[];
  /** Day of the last bundle taken in; absent when none ever was. */
  readonly date?: string | undefined;
  readonly utilisation: readonly UtilisationLine[];
  readonly answers: readonly AnswerLine[];
}

/** What a member was delegated. */
export interface Received {
  readonly blocks: readonly { readonly key: string; readonly family: Family; readonly prefix: string; readonly domain?: string | undefined }[];
  readonly delegations: readonly ReceivedDelegation[];
  /** Pools that lie in the centre's blocks, made `from` one or typed as a prefix inside one: name -> which. */
  readonly pools: ReadonlyMap<string, { readonly key: string; readonly family: Family }>;
  /** Those of them whose prefix is typed. */
  readonly typed: ReadonlySet<string>;
  /** Declared networks that bring their own addresses to the Internet, by id, and the keys of those addresses where they name one. */
  readonly announced: { readonly networks: ReadonlySet<string>; readonly keys: ReadonlySet<string> };
}

/** Delegation from both sides: a centre has declarations and members, a member has what it received and its answers. */
export interface DelegationFacts {
  readonly declared: readonly Delegation[];
  readonly members: readonly MemberReport[];
  readonly answers: ReadonlyMap<string, Answer>;
  readonly received?: Received | undefined;
  /** Day conditions and deadlines are judged at; without it they are not. */
  readonly asOf?: string | undefined;
}
