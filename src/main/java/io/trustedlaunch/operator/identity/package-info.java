/**
 * Certificates for nodes: the room of the CertificateSigningRequests that name one of our signers, and
 * of the authority that answers them.
 *
 * <pre>
 * request ──► not ours, or answered ──────────────► Ignore
 *         ──► no authority yet ───────────────────► MakeAuthority
 *         ──► authority unknown to the agents ────► PublishAuthority
 *         ──► not from an agent, bound to a node ─► Deny   (Fail, if somebody approved it)
 *         ──► no usable ClusterNode ──────────────► Wait   (the ClusterNode wakes it)
 *         ──► new ────────────────────────────────► Approve
 *         ──► approved ───────────────────────────► Issue
 * </pre>
 */
package io.trustedlaunch.operator.identity;
