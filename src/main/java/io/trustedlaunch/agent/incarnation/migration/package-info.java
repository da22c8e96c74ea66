/** The departure of an incarnation's guest for another host, and the guests that may arrive here. */
package io.trustedlaunch.agent.incarnation.migration;
