package io.trustedlaunch.backup.s3;

import io.trustedlaunch.backup.BackupFileName;
import io.trustedlaunch.backup.BackupId;
import io.trustedlaunch.backup.StoreMarker;
import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Collectors;

/**
 * A request to a bucket, before it is signed.
 *
 * @param key of an object, below the location's prefix; empty: the bucket itself
 * @param query unencoded; "prefix" is below the location's prefix, too
 * @param onlyIfAbsent the object is not replaced; signed, so that the holder of the URL cannot leave it out
 */
public record S3Request(Method method, String key, SortedMap<String, String> query, boolean onlyIfAbsent) {
    /** The methods of HTTP. */
    public enum Method {
        GET,
        PUT,
        DELETE
    }

    static final String IF_NONE_MATCH = "If-None-Match";
    static final String PREFIX = "prefix";

    public S3Request {
        query = Collections.unmodifiableSortedMap(new TreeMap<>(query));
    }

    private static S3Request of(Method method, String key, Map<String, String> query) {
        return new S3Request(method, key, new TreeMap<>(query), false);
    }

    /** The headers that are signed besides the host. */
    public Map<String, String> headers() {
        return onlyIfAbsent ? Map.of(IF_NONE_MATCH, "*") : Map.of();
    }

    static String key(BackupId id, String file) {
        return folder(id) + file;
    }

    private static String folder(UUID vm) {
        return vm + "/";
    }

    private static String folder(BackupId id) {
        return folder(id.vm()) + id.backup() + "/";
    }

    public static S3Request marker() {
        return of(Method.GET, StoreMarker.NAME, Map.of());
    }

    static S3Request createMarker() {
        return new S3Request(Method.PUT, StoreMarker.NAME, new TreeMap<>(), true);
    }

    public static S3Request get(BackupId id, String file) {
        return of(Method.GET, key(id, file), Map.of());
    }

    boolean readsIndex() {
        return method == Method.GET && key.endsWith("/" + BackupFileName.INDEX);
    }

    /** Writes a new object. */
    public static S3Request create(BackupId id, String file) {
        return new S3Request(Method.PUT, key(id, file), new TreeMap<>(), true);
    }

    static S3Request replace(BackupId id, String file) {
        return of(Method.PUT, key(id, file), Map.of());
    }

    static S3Request delete(BackupId id, String file) {
        return of(Method.DELETE, key(id, file), Map.of());
    }

    /** The objects of a backup. */
    static S3Request list(BackupId id) {
        return of(Method.GET, "", Map.of("list-type", "2", PREFIX, folder(id)));
    }

    /** Lists a folder.
     *
     * @param folder empty: that of the VMs
     */
    private static S3Request list(String folder) {
        return of(Method.GET, "", Map.of("list-type", "2", PREFIX, folder, "delimiter", "/"));
    }

    static S3Request listVms() {
        return list("");
    }

    static S3Request listBackups(UUID vm) {
        return list(folder(vm));
    }

    /** Whether the bucket answers. */
    public static S3Request probe() {
        return of(Method.GET, "", Map.of("list-type", "2", PREFIX, "", "max-keys", "1"));
    }

    S3Request continuedFrom(String token) {
        SortedMap<String, String> next = new TreeMap<>(query);
        next.put("continuation-token", token);
        return new S3Request(method, key, next, onlyIfAbsent);
    }

    /** The same for the same request; without anything confidential. */
    @Override
    public String toString() {
        return method + " " + key
                + query.entrySet().stream()
                        .map(parameter -> parameter.getKey() + "=" + parameter.getValue())
                        .collect(Collectors.joining("&", "?", ""));
    }
}
