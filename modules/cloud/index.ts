export { blockOf, configurationOf } from './runtime/schema.ts';
export { judgeSizes } from './synth/size.ts';
export { synthesise, type SynthesiseOptions } from './synth/synthesise.ts';
export { toSandbox, plannedAddress, type Sandboxed, type TerraformJson } from './sandbox/transform.ts';
export { judgeRoutes, routesOf, type Route } from './systems/spread/link.ts';
