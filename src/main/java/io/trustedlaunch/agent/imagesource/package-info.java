/**
 * Fetches images from a file in a storage location, an https server or a registry, always in the same way: into a private
 * file, hashed while received, resumed after an interruption.
 */
package io.trustedlaunch.agent.imagesource;
