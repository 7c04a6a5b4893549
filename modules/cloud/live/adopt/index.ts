export { propose, type Adopted, type LeftOut, type Proposal } from './propose.ts';
export { programText, type ProgramFacts } from './program.ts';
