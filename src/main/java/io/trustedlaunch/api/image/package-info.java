/** The images that VMs are made from: where they come from, which are eligible, and the copies on the nodes. */
package io.trustedlaunch.api.image;
