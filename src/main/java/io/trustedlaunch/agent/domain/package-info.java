/** Builds libvirt's domain XML from the spec of an incarnation, one class per section; pure. */
package io.trustedlaunch.agent.domain;
