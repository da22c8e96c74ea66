/** Plans the one step that is due for a VM from its facts, and builds the incarnation that it needs. Pure. */
package io.trustedlaunch.operator.vm.plan;
