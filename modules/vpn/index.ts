export * from './types.ts';
export { planOverlays } from './plan.ts';
export { renderNode, renderOverlays } from './render.ts';
export { overlayPlanSchema, type OverlayPlan, type Profile } from './schema.ts';
