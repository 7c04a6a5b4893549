export * from './types.ts';
export { planOverlays } from './plan.ts';
export { openOverlays } from './open.ts';
export { renderNode, renderOverlays } from './render.ts';
export { verifyOverlays } from './verify.ts';
export { overlayPlanSchema, type OverlayPlan, type Profile } from './schema.ts';
