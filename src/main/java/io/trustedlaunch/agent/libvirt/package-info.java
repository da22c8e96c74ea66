/** The hypervisor port implemented with libvirt, the only package that calls libvirt. */
package io.trustedlaunch.agent.libvirt;
