/** How an incarnation's guest leaves for another host, and how one arrives from there. */
package io.trustedlaunch.agent.incarnation.migration;
