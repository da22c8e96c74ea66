/**
 * The facts that a decision about one VM is made from: its spec and status, its incarnations, key, image and user
 * data.
 */
package io.trustedlaunch.operator.vm.facts;
