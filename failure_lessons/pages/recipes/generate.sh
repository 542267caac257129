# a typed client from the contract, in the folder failure-lessons-client; for TypeScript, R, Java or Go by other generators
pip install --quiet openapi-python-client
openapi-python-client generate --url 'BASE/api/v1/openapi.json' --output-path failure-lessons-client
