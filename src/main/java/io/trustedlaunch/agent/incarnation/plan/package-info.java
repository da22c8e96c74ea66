/** Plans the one step of an incarnation that is due now, from its facts. Pure: steps act through the interfaces here. */
package io.trustedlaunch.agent.incarnation.plan;
