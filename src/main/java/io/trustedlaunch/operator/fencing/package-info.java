/** Fencing: when a node counts as proved dead, so that its VMs may start elsewhere. */
package io.trustedlaunch.operator.fencing;
