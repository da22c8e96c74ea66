/** The nodes and what they offer to VMs (folders and networks), the controllers that cut their power, and the proofs that one of their boots is over. */
package io.trustedlaunch.api.node;
