#!/usr/bin/env python3
"""Writes Sources/CloudSim/Catalog/CatalogData.swift from Tests/Recordings/scaleway/products (see INDEX.md there for
source, date and licence). Text literals, not array literals: a compiler takes seconds for the first, minutes for the second.

usage: python3 .ci/scaleway-catalog.py
"""
import glob, json, os, re

HERE = os.path.dirname(os.path.abspath(__file__))
DATA = os.path.join(HERE, "..", "Tests", "Recordings", "scaleway", "products")
OUT = os.path.join(HERE, "..", "Sources", "CloudSim", "Catalog", "CatalogData.swift")


def load(name):
    with open(os.path.join(DATA, name)) as file:
        return json.load(file)


def compact(value):
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False, sort_keys=True)


recorded = {(r["product"], r["locality"]["zone"]): r for r in load("product-catalog-instances.json")["products"]}
properties, types, offers = {}, {}, []
for record in recorded.values():
    properties.setdefault(record["product"], record["properties"])
for path in sorted(glob.glob(os.path.join(DATA, "products-*.json"))):
    zone = re.search(r"products-(.*)\.json", path).group(1)
    stock = load(f"availability-{zone}.json")["servers"]
    offers.append(f"zone {zone}")
    for name, definition in sorted(load(os.path.basename(path))["servers"].items()):
        price, month = definition.pop("hourly_price"), definition.pop("monthly_price")
        assert types.setdefault(name, definition) == definition, name
        record = recorded.get((name, zone))
        unit = "minute" if definition["gpu"] and not name.startswith("RENDER") else "hour"
        nanos, status = round(price * 1e9), "end_of_sale" if definition["end_of_service"] else "general_availability"
        if unit == "minute":
            nanos //= 60
        if record:
            money = record["price"]["retail_price"]
            nanos, status = money["units"] * 10**9 + money["nanos"], record["status"]
            unit = record["unit_of_measure"]["unit"]
        if name not in properties:
            properties[name] = {
                "hardware": {
                    "cpu": {"description": f"vCPUs: {definition['ncpus']}",
                            "arch": {"x86_64": "x64", "arm64": "arm64"}[definition["arch"]], "type": "",
                            "virtual": {"count": definition["ncpus"]}, "threads": definition["ncpus"]},
                    "ram": {"description": f"{definition['ram'] // 2**30} GiB", "size": definition["ram"], "type": "",
                            "ecc_type": "standard"},
                    "storage": {"description": "Block", "total": 0},
                    "network": {"description": "", "internal_bandwidth": definition["network"]["sum_internal_bandwidth"],
                                "public_bandwidth": definition["network"]["sum_internet_bandwidth"],
                                "max_public_bandwidth": definition["network"]["sum_internet_bandwidth"]}},
                "instance": {"range": "", "offer_id": name, "recommended_replacement_offer_ids": []}}
        offers.append(" ".join([name, json.dumps(price), json.dumps(month),
                                stock.get(name, {}).get("availability", "available"), unit, str(nanos), status]))

with open(OUT, "w") as out:
    out.write('''// Written by .ci/scaleway-catalog.py; do not edit.
// Source: api.scaleway.com products/servers, availability and product-catalog answers recorded between 2026-07-01 and
// 2026-08-17 in the test cassettes of scaleway/terraform-provider-scaleway (MPL-2.0), scaleway/scaleway-cli and
// scaleway/scaleway-sdk-go (Apache-2.0); see Tests/Recordings/scaleway/INDEX.md.
// swift-format-ignore-file
enum CatalogData {
    /// `NAME <tab> definition without prices` per line, the same in every zone.
''')
    out.write('    static let types = #"""\n')
    out.writelines(f"{name}\t{compact(types[name])}\n" for name in sorted(types))
    out.write('"""#\n\n    /// `zone Z`, then `NAME hourly monthly availability unit nanos status` per line.\n    static let offers = #"""\n')
    out.writelines(line + "\n" for line in offers)
    out.write('"""#\n\n    /// `NAME <tab> product-catalog properties` per line.\n    static let properties = #"""\n')
    out.writelines(f"{name}\t{compact(properties[name])}\n" for name in sorted(types))
    out.write('"""#\n}\n')
