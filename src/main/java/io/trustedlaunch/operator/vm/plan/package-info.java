/** From the facts of a VM to the one step that is due now, and the incarnation that it needs. Pure. */
package io.trustedlaunch.operator.vm.plan;
