/** Catalogs of images: their form, what several of them say together, and what that means for one image. Pure. */
package io.trustedlaunch.catalog;
