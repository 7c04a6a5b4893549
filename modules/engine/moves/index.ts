export { isAddress, movedAddresses, withMoves, type DeclaredMove, type MovedAddress } from './with-moves.ts';
export { likelyMoveProblem, likelyMoves } from './likely.ts';
export { proposeMove, type ProposedBlock } from './propose.ts';
