# From a list of Debian packages and the SBOM of the libraries to the SBOM of an image.

def component($distribution):
  "pkg:deb/debian/\(.name)@\(.version | @uri)?arch=\(.architecture)&distro=\($distribution)&upstream=\(.source | @uri)" as $purl
  | {type: "library", "bom-ref": $purl, name, version, purl: $purl};

# Java's runtime is made of the JDK's modules.
def runtime: if .name | test("^openjdk-[0-9]+-jdk") then .type = "platform" else . end;

# Of the libraries of all roles those whose files are here; all but the file with the product's classes.
def of_role($files):
  (.metadata.component["bom-ref"]) as $application
  | .components |= map(select("\(.name)-\(.version).jar" as $file | $files | index($file)))
  | if (.components | length) == ($files | length) - 1 then . else error("Maven does not know all of these: \($files)") end
  | ([.components[]["bom-ref"]]) as $here
  | .dependencies |= map(select(.ref as $ref | $ref == $application or ($here | index($ref)))
      | .dependsOn = ((.dependsOn // []) | map(select(. as $ref | $here | index($ref)))))
  # What the application has through a library that is not here, it has by itself.
  | ($here - [.dependencies[].dependsOn[]]) as $left
  | .dependencies |= map(if .ref == $application then .dependsOn += $left else . end);

($libraries[0] | of_role($files | split("\n"))) as $product
| "pkg:oci/\($name)@\($digest | @uri)?tag=\($tag | @uri)" as $image
| (map(select(.name == "base-files")) | first.version | capture("^(?<release>[0-9]+)").release) as $release
| (map(component("debian-\($release)") | runtime)) as $packages
| {type: "operating-system", "bom-ref": "debian-\($release)", name: "debian", version: $release} as $system
| ($product.metadata.component | .type = "application") as $application
| $product
| .serialNumber = "urn:uuid:\($serial)"
| .metadata.component = {type: "container", "bom-ref": $image, name: $name, version: $tag, purl: $image,
    licenses: [{license: {id: "Apache-2.0"}}]}
| .components = [$application] + .components + [$system] + $packages
| .dependencies = [{ref: $image, dependsOn: ([$application["bom-ref"], $system["bom-ref"]] + ($packages | map(.["bom-ref"])))}]
    + .dependencies
