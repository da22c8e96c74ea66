/** Seals what is confidential in an incarnation: the envelope to its node, the escrow to the recovery key. */
package io.trustedlaunch.operator.vm.seal;
