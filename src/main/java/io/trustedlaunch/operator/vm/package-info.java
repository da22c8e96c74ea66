/**
 * The controller of TrustedLaunchVMs. A pass reads: gather the {@link io.trustedlaunch.operator.vm.facts facts}, {@link
 * io.trustedlaunch.operator.vm.plan plan} one step, write the {@link io.trustedlaunch.operator.vm.status status} if it
 * changed, carry the step out, say when to look again.
 */
package io.trustedlaunch.operator.vm;
