/**
 * What lets VMs outlive their whole control plane: each one's escrow, a file beside its home that only the owner of the
 * recovery key opens, and the manifests that come of it. Pure, but that it reads what it is handed.
 */
package io.trustedlaunch.recovery;
