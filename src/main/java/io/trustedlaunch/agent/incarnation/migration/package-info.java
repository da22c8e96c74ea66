/** How an incarnation's guest leaves for another host, and which guests may arrive. */
package io.trustedlaunch.agent.incarnation.migration;
