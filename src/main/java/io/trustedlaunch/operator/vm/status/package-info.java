/** What users see of a VM: its status, its conditions, its events, and the certificate of its endorsement key. */
package io.trustedlaunch.operator.vm.status;
