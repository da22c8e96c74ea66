package io.trustedlaunch.catalog;

import io.trustedlaunch.api.image.GuestImageSpec.Identifier;
import java.util.Locale;
import java.util.regex.Pattern;

/** The key of an image in a catalog: a marketplace's identifier and version, which ignore case. */
public record CatalogKey(String publisher, String offer, String sku, String version) {
    /** Follows {@code Schemas.IDENTIFIER}: only these characters have an unambiguous lower case. */
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9]([-A-Za-z0-9._]*[A-Za-z0-9])?");

    private static final int MAX_NAME = 128;

    public CatalogKey {
        publisher = lower(publisher);
        offer = lower(offer);
        sku = lower(sku);
        version = lower(version);
    }

    public static CatalogKey of(Identifier identifier, String version) {
        return new CatalogKey(identifier.publisher(), identifier.offer(), identifier.sku(), version);
    }

    /** Whether a marketplace can have this name. No catalog lists others, not even look-alikes. */
    static boolean isName(String text) {
        return text.length() <= MAX_NAME && NAME.matcher(text).matches();
    }

    /** Only valid names: the Kelvin sign, for example, would become a k. */
    private static String lower(String text) {
        return isName(text) ? text.toLowerCase(Locale.ROOT) : text;
    }

    @Override
    public String toString() {
        return publisher + ":" + offer + ":" + sku + ":" + version;
    }
}
