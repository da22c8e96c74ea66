/** Catalogs of images: their format, and what the catalogs in force say about an image. Pure. */
package io.trustedlaunch.catalog;
