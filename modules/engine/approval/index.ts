export { approvalPolicyFile, approvalPolicySchema, loadApprovalPolicy, type ApprovalPolicy, type ApprovalRule, type Principal } from './policy.ts';
export { missingApprovals, requiredApprovals, type Approval, type Missing } from './evaluate.ts';
export {
  approvalKey,
  approvalPayloadType,
  approvalsFolder,
  formatStatement,
  readApprovals,
  writeApproval,
  type ApprovalKey,
  type ReadApproval,
} from './statement.ts';
export { approve, type ApproveOptions, type ApproveResult } from './approve.ts';
export { findForbidden, logApply, logPlan, manifestDigest, stackCounts, type ApprovalState } from './gate.ts';
