package io.trustedlaunch.catalog;

import io.trustedlaunch.api.image.GuestImageSpec.Identifier;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Parses and checks a catalog. */
public final class CatalogReading {
    /** Other JSON parsers round greater numbers. */
    static final long MAX_SERIAL = (1L << 53) - 1;

    /** The greatest size of a disk, 64 Ti. */
    static final long MAX_SIZE = 1L << 46;

    /** Follows {@code Schemas.CATALOG_NAME}. */
    private static final Pattern NAME = Pattern.compile("[a-z0-9]([-a-z0-9./]*[a-z0-9])?");

    private static final int MAX_NAME = 128;
    private static final Pattern SHA256 = Pattern.compile("[0-9a-f]{64}");

    /** The checks of each image, in this order. */
    private static final List<Function<CatalogImage, Optional<String>>> PREDICATES = List.of(
            CatalogReading::incomplete,
            CatalogReading::badName,
            CatalogReading::badDigest,
            CatalogReading::badSize,
            CatalogReading::badGeneration);

    private CatalogReading() {}

    public static Catalog read(byte[] bytes) throws MalformedCatalogException {
        CatalogDocument document = CatalogDocument.parse(bytes);
        if (!isName(document.name())) {
            throw new MalformedCatalogException("has a name that is empty, has more than " + MAX_NAME
                    + " characters, or has characters other than a-z, 0-9, '.', '-' and '/'");
        }
        if (document.serial() < 1 || document.serial() > MAX_SERIAL) {
            throw new MalformedCatalogException("has a serial that is not between 1 and " + MAX_SERIAL);
        }
        if (document.images() == null) {
            throw new MalformedCatalogException("has no field images");
        }
        return new Catalog(document.name(), document.serial(), expires(document.expires()), images(document.images()));
    }

    private static boolean isName(String text) {
        return text != null && text.length() <= MAX_NAME && NAME.matcher(text).matches();
    }

    private static Instant expires(String text) throws MalformedCatalogException {
        try {
            return Instant.parse(text == null ? "" : text);
        } catch (DateTimeException e) {
            throw new MalformedCatalogException("has an expires that is not a time such as 2027-06-30T00:00:00Z");
        }
    }

    private static Map<CatalogKey, CatalogImage> images(List<CatalogImage> listed) throws MalformedCatalogException {
        Map<CatalogKey, CatalogImage> images = new HashMap<>();
        for (int i = 0; i < listed.size(); i++) {
            CatalogImage image = listed.get(i);
            Optional<String> fault = PREDICATES.stream()
                    .flatMap(each -> each.apply(image).stream())
                    .findFirst();
            if (fault.isPresent()) {
                throw new MalformedCatalogException("images[" + i + "] " + fault.get());
            }
            if (images.putIfAbsent(image.key(), image) != null) {
                throw new MalformedCatalogException("images[" + i + "] lists " + image.key() + " a second time");
            }
        }
        return images;
    }

    private static Optional<String> incomplete(CatalogImage image) {
        return image == null
                        || image.identifier() == null
                        || names(image).anyMatch(name -> name == null)
                        || image.sha256() == null
                        || image.format() == null
                        || image.osType() == null
                        || image.architecture() == null
                ? Optional.of("lacks a field")
                : Optional.empty();
    }

    private static Stream<String> names(CatalogImage image) {
        Identifier identifier = image.identifier();
        return Stream.of(identifier.publisher(), identifier.offer(), identifier.sku(), image.version());
    }

    private static Optional<String> badName(CatalogImage image) {
        return names(image).allMatch(CatalogKey::isName)
                ? Optional.empty()
                : Optional.of("has a publisher, offer, sku or version that is empty, too long, or has characters other"
                        + " than a-z, 0-9, '.', '_' and '-'");
    }

    private static Optional<String> badDigest(CatalogImage image) {
        return SHA256.matcher(image.sha256()).matches()
                ? Optional.empty()
                : Optional.of("has a sha256 that is not 64 digits of lower-case hex");
    }

    private static Optional<String> badSize(CatalogImage image) {
        return image.size() >= 1 && image.size() <= MAX_SIZE
                ? Optional.empty()
                : Optional.of("has a size that is not between 1 and " + MAX_SIZE);
    }

    private static Optional<String> badGeneration(CatalogImage image) {
        return image.generation() == 1 || image.generation() == 2
                ? Optional.empty()
                : Optional.of("has a generation that is neither 1 nor 2");
    }
}
