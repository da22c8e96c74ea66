/**
 * Where an image's bytes come from: a file in a storage location, an https server, a registry. All of them go the same
 * way: into a file that nobody else reads, hashed as they come, taken up again where they broke off.
 */
package io.trustedlaunch.agent.imagesource;
