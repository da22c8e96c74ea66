/** Which node a VM starts on or migrates to: predicates reject nodes, each with a reason, and a score orders the rest. Pure. */
package io.trustedlaunch.placement;
