/**
 * The controller of TrustedLaunchVMs. A pass gathers the {@link io.trustedlaunch.operator.vm.facts facts}, {@link
 * io.trustedlaunch.operator.vm.plan plans} one step, writes the {@link io.trustedlaunch.operator.vm.status status} if
 * it changed, carries the step out, and requeues the VM.
 */
package io.trustedlaunch.operator.vm;
