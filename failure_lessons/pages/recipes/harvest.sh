# for catalogues: all records as Dublin Core; take each resumptionToken until it is empty
curl -s 'BASE/oai?verb=ListRecords&metadataPrefix=oai_dc'
