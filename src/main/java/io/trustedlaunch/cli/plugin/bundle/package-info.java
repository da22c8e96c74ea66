/** What somebody who helps needs to see of a cluster, in one archive, without what opens anything. */
package io.trustedlaunch.cli.plugin.bundle;
