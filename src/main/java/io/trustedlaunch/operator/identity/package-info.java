/**
 * Certificates for nodes: the controller of the CertificateSigningRequests to the operator's signers, and the authorities
 * that sign.
 *
 * <pre>
 * request ──► another signer, or answered ────────► Ignore
 *         ──► no authority yet ───────────────────► CreateAuthority
 *         ──► authority unknown to the agents ────► PublishAuthority
 *         ──► not from an agent, bound to a node ─► Deny   (Fail, if it was approved)
 *         ──► no usable ClusterNode, not enrolled ► Wait   (for an event of the ClusterNode)
 *         ──► new ────────────────────────────────► Approve
 *         ──► approved ───────────────────────────► Issue
 * </pre>
 */
package io.trustedlaunch.operator.identity;
