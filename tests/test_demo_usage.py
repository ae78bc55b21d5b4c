"""What uses the sample files of the demo server, as the official client sees it."""

from itertools import chain

import openai
import pytest
from openai import OpenAI

from tests.demo_server import running_demo


def test_the_official_client_lists_what_uses_files_and_takes_files_out_of_vector_stores() -> None:
    with running_demo() as url, OpenAI(base_url=url, api_key="any", max_retries=0) as client:
        names = {file.id: file.filename for file in client.files.list()}
        batches = list(client.batches.list(limit=7))
        assert [batch.id for batch in batches] == [batch.id for batch in client.batches.list(limit=100)]
        assert [batch.created_at for batch in batches] == sorted((b.created_at for b in batches), reverse=True)
        assert {batch.status for batch in batches} == {"completed", "validating"}
        for batch in batches:
            assert batch == client.batches.retrieve(batch.id)
            assert batch.output_file_id is None or names[batch.output_file_id] == f"{batch.id}_output.jsonl"
            assert batch.error_file_id is None or names[batch.error_file_id] == f"{batch.id}_error.jsonl"
        used = [names[batch.input_file_id] for batch in batches if batch.input_file_id in names]
        assert sorted(used) == sorted(name for name in names.values() if "-requests" in name)

        jobs = list(client.fine_tuning.jobs.list(limit=10))
        assert {job.status for job in jobs} == {"validating_files", "succeeded", "failed", "cancelled"}
        for job in jobs:
            assert job == client.fine_tuning.jobs.retrieve(job.id)
            assert names[job.training_file].endswith(".jsonl")
            assert (job.status == "succeeded") == bool(job.result_files) == bool(job.fine_tuned_model)
            assert {names[each] for each in job.result_files} <= {"step_metrics.csv"}
            assert job.validation_file is None or names[job.validation_file].endswith("-validation.jsonl")

        stores = {store.name: store for store in client.vector_stores.list(limit=1)}
        assert len(stores) == 4
        members = {
            name: [each.id for each in client.vector_stores.files.list(store.id, limit=10)]
            for name, store in stores.items()
        }
        assert {name: store.file_counts.total for name, store in stores.items()} == {
            name: len(ids) for name, ids in members.items()
        }
        assert set(chain.from_iterable(members.values())) <= names.keys()
        orders = stores["Orders"].id
        failed = client.vector_stores.files.list(orders, filter="failed").data
        assert [names[each.id] for each in failed] == ["tools.json"]
        assert failed[0] == client.vector_stores.files.retrieve(failed[0].id, vector_store_id=orders)

        (shared,) = set(members["Orders"]) & set(members["Support handbook"])
        assert client.vector_stores.files.delete(shared, vector_store_id=orders).deleted
        with pytest.raises(openai.NotFoundError, match=f"No file found with id '{shared}' in vector store '{orders}'"):
            client.vector_stores.files.delete(shared, vector_store_id=orders)
        assert client.files.retrieve(shared)
        client.files.delete(shared)
        counts = {store.name: store.file_counts.total for store in client.vector_stores.list()}
        assert counts == {**{name: len(ids) for name, ids in members.items()}, "Orders": 2, "Support handbook": 36}
        client.files.delete(batches[1].input_file_id)
        assert client.batches.retrieve(batches[1].id) == batches[1]

        for ask in (client.batches, client.fine_tuning.jobs, client.vector_stores):
            with pytest.raises(openai.NotFoundError, match="nothing-of-it"):
                ask.retrieve("nothing-of-it")
            with pytest.raises(openai.BadRequestError, match="Expected a value <= 100"):
                ask.list(limit=101)
            with pytest.raises(openai.BadRequestError, match="after"):
                ask.list(after="nothing-of-it")
