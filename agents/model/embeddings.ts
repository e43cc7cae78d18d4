import OpenAI from "openai";
import type {Embed} from "../retrieval/chroma.js";
import type {Endpoint} from "./openai.js";

/** Returns the embeddings model of that name at an endpoint; it throws where vectors are missing or not of one length. */
export function embeddingsModel({baseUrl: baseURL, apiKey, timeLimitMs}: Endpoint, model: string): Embed {
  const client = new OpenAI({baseURL, apiKey: apiKey ?? "none", maxRetries: 1, timeout: timeLimitMs});
  return async (input) => {
    // The client would ask for base64, and read zeros from an endpoint that answers with numbers all the same.
    const {data} = await client.embeddings.create({model, input, encoding_format: "float"});
    const vectors = data.toSorted((a, b) => a.index - b.index).map(({embedding}) => embedding);
    const width = vectors[0]?.length ?? 0;
    if (vectors.length !== input.length || !width || vectors.some(({length}) => length !== width))
      throw new Error(
        `the embeddings model ${model} gave ${vectors.length} vectors for ${input.length} texts`
      );
    return vectors;
  };
}
