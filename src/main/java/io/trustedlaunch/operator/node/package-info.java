/** The drain of nodes, and the Leases that show which agents are alive and whether this process still leads. */
package io.trustedlaunch.operator.node;
