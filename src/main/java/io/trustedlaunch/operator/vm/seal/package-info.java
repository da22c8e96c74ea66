/** Seals the confidential parts of an incarnation: the envelope to its node, the escrow to the recovery key. */
package io.trustedlaunch.operator.vm.seal;
