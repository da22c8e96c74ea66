/** A VM's status, conditions and events, and the certificate of its endorsement key. */
package io.trustedlaunch.operator.vm.status;
