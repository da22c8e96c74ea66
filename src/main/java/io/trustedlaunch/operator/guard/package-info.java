/**
 * Pods that stand for the VMs of a node, so that {@code kubectl drain} and autoscalers see them: kubelets and schedulers do
 * not know of guests.
 */
package io.trustedlaunch.operator.guard;
