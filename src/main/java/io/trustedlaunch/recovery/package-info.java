/**
 * Recovery of VMs after the loss of their control plane: each VM's escrow, a file in its folder that only the owner of
 * the recovery key can open, and the manifests made from it. Pure, except for reads through a given reader.
 */
package io.trustedlaunch.recovery;
