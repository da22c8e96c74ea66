/** The limits of what the VMs of a namespace take. */
package io.trustedlaunch.api.quota;
